"""Networks that hear: data sets, cached spectra, networks, objectives, the loop, artefacts (extra `train`)."""
