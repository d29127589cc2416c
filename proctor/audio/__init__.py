"""From sound bytes to readings: decode safely, tell speech from noise, notice a second voice. Words are never written down."""
