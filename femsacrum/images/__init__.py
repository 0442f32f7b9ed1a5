"""Images from files: CT volumes and label maps, in the patient's axes."""
