/** Settings: who one is, one's password, and, for whoever may, people, invitations, keys and tenants. */
import { For, Match, Show, Switch } from "solid-js"
import { config, may, me, nameOf } from "../api/session.ts"
import { Facts } from "../parts/facts.tsx"
import { Chip } from "../shell/chip.tsx"
import { Ago } from "../shell/moment.tsx"
import { Page } from "../shell/page.tsx"
import { setTheme, theme } from "../shell/theme.ts"
import { useUrlState } from "../shell/url-state.ts"
import { ChangePassword } from "./settings-password.tsx"
import { Keys } from "./settings-keys.tsx"
import { People } from "./settings-people.tsx"
import { Tenants } from "./settings-tenants.tsx"
import "../parts/parts.css"

const tabs = [
  { tab: "you", name: "You", isShown: () => true },
  { tab: "people", name: "People", isShown: () => may("viewer") },
  { tab: "keys", name: "API keys", isShown: () => may("owner") },
  { tab: "tenants", name: "Tenants", isShown: () => me()?.superAdmin === true }
]

const Look = () => (
  <div role="group" aria-label="Theme" class="flex gap-2">
    <For each={["dark", "light"] as const}>
      {(one) => (
        <button type="button" class="tool-button" aria-pressed={theme() === one} onClick={() => setTheme(one)}>
          {one}
        </button>
      )}
    </For>
  </div>
)

const You = () => (
  <div class="grid gap-4 lg:grid-cols-2">
    <section class="panel grid content-start gap-4 p-4" aria-label="Who you are">
      <Show when={me()}>
        {(who) => (
          <Facts
            of={[
              ["Name", nameOf(who())],
              ["Address", who().user?.email ?? "a key has none"],
              ["Role", <Chip tone="info">{who().superAdmin ? "super admin" : who().role}</Chip>],
              ["Tenant", who().tenant],
              ["Signs in with", who().user?.signsInWith.join(" and ") ?? "a key"],
              ["Session ends", <Ago at={who().until} />],
              ["Version", config()?.version ?? "unknown"],
              ["Theme", <Look />]
            ]}
          />
        )}
      </Show>
    </section>
    <Show when={me()?.user?.signsInWith.includes("password")}>
      <ChangePassword />
    </Show>
  </div>
)

export default function SettingsPage() {
  const url = useUrlState()
  const shown = () => tabs.filter((one) => one.isShown())
  const tab = () => shown().find((one) => one.tab === url.get("tab"))?.tab ?? "you"
  return (
    <Page
      title="Settings"
      about="Your own access, and that of the people and programs of your tenant."
      actions={
        <div role="group" aria-label="Settings of" class="flex flex-wrap gap-2">
          <For each={shown()}>
            {(one) => (
              <button
                type="button"
                class="tool-button"
                aria-pressed={tab() === one.tab}
                onClick={() => url.set({ tab: one.tab === "you" ? null : one.tab }, { push: true })}
              >
                {one.name}
              </button>
            )}
          </For>
        </div>
      }
    >
      {/* access is not of the log: an earlier moment shows today's, and changes nothing of it */}
      <fieldset disabled={url.isReplay()} class="contents">
        <Switch>
          <Match when={tab() === "you"}>
            <You />
          </Match>
          <Match when={tab() === "people"}>
            <People />
          </Match>
          <Match when={tab() === "keys"}>
            <Keys />
          </Match>
          <Match when={tab() === "tenants"}>
            <Tenants />
          </Match>
        </Switch>
      </fieldset>
    </Page>
  )
}
