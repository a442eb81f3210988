"""The library over HTTP: REST, OpenSubsonic, accounts and streaming; request to operation to response."""
