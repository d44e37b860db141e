print("kith-server")
