"""What both adapters use."""
