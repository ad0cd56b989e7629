// better-auth on SQLite, to compare the local stack with. Prints its URL, and ends when its standard input ends.
//
// As its documentation recommends for production, except that nothing is throttled, because the load comes from one
// address. The database is in memory, as that of the local stack is.
import { createServer } from 'node:http'
import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { organization } from 'better-auth/plugins'
import { Kysely, SqliteDialect } from 'kysely'
import Database from 'libsql'

const server = createServer()
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${server.address().port}`

const database = new Kysely({ dialect: new SqliteDialect({ database: new Database(':memory:') }) })
const options = {
    baseURL: url,
    secret: 'a-secret-of-the-benchmark-0123456789',
    database: { db: database, type: 'sqlite' },
    emailAndPassword: { enabled: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { level: 'error' },
    plugins: [organization(), apiKey({ rateLimit: { enabled: false } })],
}
const auth = betterAuth(options)
const { runMigrations } = await getMigrations(options)
await runMigrations()

// A key is checked on the server, so this is the route of a service that checks one.
async function checkKey(request, response) {
    const key = (request.headers.authorization ?? '').replace(/^Bearer /, '')
    const { valid } = await auth.api.verifyApiKey({ body: { key } })
    response.writeHead(valid ? 200 : 401, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ valid }))
}

const handle = toNodeHandler(auth)
server.on('request', (request, response) => {
    if (request.url === '/key') {
        checkKey(request, response).catch(error => response.writeHead(500).end(String(error)))
    } else {
        handle(request, response)
    }
})
process.stdin.on('end', () => process.exit(0)).resume()
console.log(url)
