/** Reading apt's two kinds of source files: which archive is this machine's own? */
import { assert, describe, it } from "@effect/vitest"
import { mainArchive, sourcesIn } from "./debian.ts"

const stanzas = `# A comment above
Types: deb
# an older address
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian.gpg

Types: deb
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main

Types: deb
Enabled: no
URIs: http://off.example/debian
Suites: bookworm
Components: main

Types: deb-src
URIs: http://source.example/debian
Suites: bookworm
Components: main
`

const lines = `# deb http://off.example/debian bookworm main
deb [arch=amd64 signed-by=/etc/keys/a.gpg] http://tools.example/apt stable main
deb http://mirror.example/debian/ bookworm main contrib # the mirror
deb-src http://mirror.example/debian/ bookworm main
`

describe("the sources of this machine", () => {
  it("a stanza that is switched off, or holds sources only, offers nothing", () => {
    assert.deepStrictEqual(
      sourcesIn("a.sources", stanzas).map(({ uri }) => uri),
      ["http://mirror.example/debian", "http://mirror.example/security"]
    )
  })

  it("both forms say the same of the same archive", () => {
    const ofStanzas = mainArchive(sourcesIn("a.sources", stanzas), "bookworm")
    const ofLines = mainArchive(sourcesIn("sources.list", lines), "bookworm")
    assert.deepStrictEqual(ofStanzas?.signedBy, "/usr/share/keyrings/debian.gpg")
    assert.deepStrictEqual(
      [ofStanzas?.suites, ofStanzas?.components],
      [
        ["bookworm", "bookworm-updates"],
        ["main", "contrib"]
      ]
    )
    assert.deepStrictEqual([ofLines?.uri, ofLines?.components], ["http://mirror.example/debian/", ["main", "contrib"]])
  })

  it("another vendor's archive is never taken for Debian's", () => {
    const vendor = sourcesIn("a.list", "deb [signed-by=/etc/keys/a.gpg] http://tools.example/apt stable main")
    assert.deepStrictEqual(vendor, [
      { uri: "http://tools.example/apt", suites: ["stable"], components: ["main"], signedBy: "/etc/keys/a.gpg" }
    ])
    assert.isUndefined(mainArchive(vendor, "bookworm"))
  })

  it("a key that is written into the stanza keeps its lines", () => {
    const inline = "Types: deb\nURIs: http://a.example\nSuites: sid\nSigned-By:\n -----BEGIN\n .\n abc\n -----END\n"
    assert.deepStrictEqual(sourcesIn("a.sources", inline)[0]?.signedBy, "\n -----BEGIN\n .\n abc\n -----END")
  })
})
