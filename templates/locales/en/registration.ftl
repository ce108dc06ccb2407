home-other = An application that is not ours
