home-other = Anwendung, die nicht von uns ist
