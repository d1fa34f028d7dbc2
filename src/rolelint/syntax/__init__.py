"""Where is it? Text becomes nodes that know the characters they stand on."""
