"""Landing pages made of blocks: edited as a draft beside what visitors see."""
