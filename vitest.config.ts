/** Three kinds of tests: `fast` needs no other program, `web` has a document, `servers` starts real programs. */
import solid from "vite-plugin-solid"
import { defineConfig } from "vitest/config"

// The embedded ClickHouse engine crashes in worker threads: every test file gets a process.
const everywhere = { environment: "node", pool: "forks" } as const

const servers = ["conformance", "chaos", "up", "gateway"].map((room) => `test/${room}/**/*.test.ts`)

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...everywhere,
          name: "fast",
          include: ["{schemas,bus,actors,gateway,deploy,test}/**/*.test.ts"],
          exclude: ["**/node_modules/**", ...servers],
          testTimeout: 20_000
        }
      },
      {
        plugins: [solid()],
        test: {
          name: "web",
          environment: "happy-dom",
          include: ["dashboard/**/*.test.{ts,tsx}"],
          testTimeout: 20_000
        }
      },
      {
        test: {
          ...everywhere,
          name: "servers",
          include: servers,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 180_000
        }
      }
    ]
  }
})
