"""The bundled loopback outlets: invented newspapers with real-looking pages, served on this machine."""
