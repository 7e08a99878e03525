"""The API of the tab and of other programs, version 1: typed requests and answers, one file a subject."""
