home-other = Application qui n'est pas de nous
