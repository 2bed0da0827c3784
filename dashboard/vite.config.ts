/** How the dashboard is built: one chunk per page, names that carry their content's hash, nothing inlined. */
import tailwind from "@tailwindcss/vite"
import { defineConfig } from "vite"
import solid from "vite-plugin-solid"

/** Where the gateway listens while the dashboard is served by Vite. */
const gateway = "http://127.0.0.1:8000"

export default defineConfig({
  root: import.meta.dirname,
  plugins: [solid(), tailwind()],
  build: {
    target: "es2023",
    outDir: "dist",
    emptyOutDir: true,
    // The content security policy allows no data: but images, and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false
  },
  server: { host: "127.0.0.1", port: 5173, proxy: { "/api": gateway, "/health": gateway, "/version": gateway } }
})
