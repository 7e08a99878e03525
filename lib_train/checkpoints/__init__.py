"""Files that a run leaves. Knows no projects."""
