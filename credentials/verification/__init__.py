"""What a certificate's file proves, fact by fact, and whom its reader trusted beforehand. No network, no clock."""
