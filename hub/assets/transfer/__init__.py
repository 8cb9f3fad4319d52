"""The network: which URLs may be asked, how patiently, and how their bytes become a file."""
