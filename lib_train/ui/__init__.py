"""The tab's place in the WebUI, and a server for it where there is none. What stands in it is drawn by its scripts."""
