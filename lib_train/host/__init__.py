"""The seam to the program around us. Two adapters and one page of protocol."""
