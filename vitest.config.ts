/** Two kinds of tests: `fast` needs no other program, `servers` starts real ones and so runs one file at a time. */
import { defineConfig } from "vitest/config"

// The embedded ClickHouse engine crashes in worker threads: every test file gets a process.
const everywhere = { environment: "node", pool: "forks" } as const

const servers = ["test/conformance/**/*.test.ts", "test/chaos/**/*.test.ts", "test/up/**/*.test.ts"]

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
