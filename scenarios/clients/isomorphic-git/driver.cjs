// Calls isomorphic-git as a program that embeds it would: onAuth is asked for user name and password.

const fs = require('fs')
const git = require('isomorphic-git')
const http = require('isomorphic-git/http/node')

const { LAB_URL: url, LAB_DIR: dir, LAB_BRANCH: ref, LAB_USER, LAB_PASSWORD, LAB_PROXY } = process.env

async function main(operation) {
  // Its http client takes an agent and reads no variable.
  const { HttpsProxyAgent } = await import(require.resolve('https-proxy-agent'))
  const agent = new HttpsProxyAgent(LAB_PROXY)
  const client = { request: request => http.request({ ...request, agent }) }
  const onAuth = LAB_USER ? () => ({ username: LAB_USER, password: LAB_PASSWORD }) : undefined
  const how = { fs, http: client, dir, onAuth }

  if (operation === 'clone') {
    await git.clone({ ...how, url, ref })
  } else if (operation === 'shallow') {
    await git.clone({ ...how, url, ref, depth: 1, singleBranch: true })
  } else if (operation === 'fetch') {
    await git.fetch({ ...how, remote: 'origin' })
  } else if (operation === 'push') {
    await git.push({ ...how, remote: 'origin', ref })
  } else if (operation === 'list') {
    for (const { ref, oid } of await git.listServerRefs({ http: client, url, onAuth, protocolVersion: 1 })) {
      console.log(oid, ref)
    }
  }
}

main(process.argv[2]).catch(error => {
  console.error(error.message)
  process.exit(1)
})
