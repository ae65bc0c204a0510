"""Calls Dulwich's porcelain as a program that embeds it would."""

import os
import sys

from dulwich import porcelain

url = os.environ["LAB_URL"]
folder = os.environ["LAB_DIR"]
branch = os.environ["LAB_BRANCH"]
login = {name: os.environ[variable] for name, variable in
         [("username", "LAB_USER"), ("password", "LAB_PASSWORD")] if variable in os.environ}

operation = sys.argv[1]
if operation == "clone":
    porcelain.clone(url, folder, **login)
elif operation == "shallow":
    porcelain.clone(url, folder, depth=1, **login)
elif operation == "fetch":
    porcelain.fetch(folder, "origin", **login)
elif operation == "push":
    # HEAD: the clone's branch may have another name than the server's.
    porcelain.push(folder, "origin", f"HEAD:refs/heads/{branch}", **login)
elif operation == "list":
    for name, commit in porcelain.ls_remote(url, **login).refs.items():
        if commit is not None:
            print(commit.decode(), name.decode())
