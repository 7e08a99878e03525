class ScriptRunner:
    """Runs no script; with one, the WebUI puts the whole prompt back before it writes the infotext."""
