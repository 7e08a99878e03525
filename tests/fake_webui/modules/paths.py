data_path = ""
