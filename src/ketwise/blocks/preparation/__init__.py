"""What comes between rows of data and a circuit: pre-maps of the features, and circuits that prepare amplitudes."""
