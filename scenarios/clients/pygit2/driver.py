"""Calls libgit2 as a program that embeds it would: its callback is asked for user name and password."""

import os
import sys

import pygit2

url = os.environ["LAB_URL"]
folder = os.environ["LAB_DIR"]
branch = os.environ["LAB_BRANCH"]


class Callbacks(pygit2.RemoteCallbacks):
    def credentials(self, url, username_from_url, allowed_types):
        if "LAB_USER" not in os.environ:
            raise pygit2.Passthrough
        return pygit2.UserPass(os.environ["LAB_USER"], os.environ["LAB_PASSWORD"])

    def push_update_reference(self, refname, message):
        if message is not None:
            sys.exit(f"{refname}: {message}")


how = {"callbacks": Callbacks(), "proxy": True}
operation = sys.argv[1]
if operation == "clone":
    pygit2.clone_repository(url, folder, **how)
elif operation == "shallow":
    pygit2.clone_repository(url, folder, depth=1, **how)
elif operation == "fetch":
    pygit2.Repository(folder).remotes["origin"].fetch(**how)
elif operation == "push":
    pygit2.Repository(folder).remotes["origin"].push([f"refs/heads/{branch}"], **how)
elif operation == "list":
    remote = pygit2.init_repository(folder, bare=True).remotes.create_anonymous(url)
    for head in remote.list_heads(**how):
        print(head.oid, head.name)
