# Encore une fois : la session ne suffit pas
signin-again = Vous êtes connecté sous le nom { $username }. Pour continuer, connectez-vous encore une fois : cela protège vos données.
