data_path = ""
models_path = ""
extensions_dir = ""
