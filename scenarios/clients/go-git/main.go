// Calls go-git as a program that embeds it would.
package main

import (
	"fmt"
	"os"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/plumbing/transport/http"
	"github.com/go-git/go-git/v5/storage/memory"
)

func main() {
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(operation string) error {
	url, folder, branch := os.Getenv("LAB_URL"), os.Getenv("LAB_DIR"), os.Getenv("LAB_BRANCH")
	var auth transport.AuthMethod
	if user, given := os.LookupEnv("LAB_USER"); given {
		auth = &http.BasicAuth{Username: user, Password: os.Getenv("LAB_PASSWORD")}
	}
	switch operation {
	case "clone":
		_, err := git.PlainClone(folder, false, &git.CloneOptions{URL: url, Auth: auth})
		return err
	case "shallow":
		_, err := git.PlainClone(folder, false, &git.CloneOptions{URL: url, Auth: auth, Depth: 1})
		return err
	case "fetch":
		repository, err := git.PlainOpen(folder)
		if err != nil {
			return err
		}
		return repository.Fetch(&git.FetchOptions{Auth: auth})
	case "push":
		repository, err := git.PlainOpen(folder)
		if err != nil {
			return err
		}
		ref := config.RefSpec(fmt.Sprintf("refs/heads/%s:refs/heads/%s", branch, branch))
		return repository.Push(&git.PushOptions{Auth: auth, RefSpecs: []config.RefSpec{ref}})
	case "list":
		remote := git.NewRemote(memory.NewStorage(), &config.RemoteConfig{Name: "origin", URLs: []string{url}})
		refs, err := remote.List(&git.ListOptions{Auth: auth})
		for _, ref := range refs {
			fmt.Println(ref.Hash(), ref.Name())
		}
		return err
	}
	return fmt.Errorf("no such operation: %s", operation)
}
