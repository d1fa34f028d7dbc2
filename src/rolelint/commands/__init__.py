"""What can a user ask for? One module a command: ``parser`` has its options, ``run`` does it."""
