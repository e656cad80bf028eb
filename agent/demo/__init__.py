"""The demos: requests on the sample workspace, walked through in a temporary home (`deskhand demo`)."""
