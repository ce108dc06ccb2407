home-other = Applicazione che non è nostra
