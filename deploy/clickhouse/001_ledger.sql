-- The ledger: one row per message of LOG, and what the messages mean as views over it. Each statement may be repeated.
-- The deduplication window makes a repeated token harmless; both fsyncs make an answered insert survive a power cut.
-- A part belongs to one month and is stored whole or not at all: whoever inserts keeps an insert inside one month.
CREATE TABLE IF NOT EXISTS events (
  seq UInt64,
  at DateTime64(3, 'UTC'),
  kind LowCardinality(String),
  account LowCardinality(String),
  owner LowCardinality(String),
  name LowCardinality(String),
  about String,
  subject String,
  body String CODEC(ZSTD(3)),
  INDEX names name TYPE set(64) GRANULARITY 1,
  INDEX accounts account TYPE set(256) GRANULARITY 1,
  INDEX abouts about TYPE bloom_filter GRANULARITY 1
)
ENGINE = MergeTree
PARTITION BY toYYYYMM(at)
ORDER BY seq
TTL toDateTime(at) + INTERVAL 7 YEAR
SETTINGS non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1;

-- Written before the events of its batch, so that none is missing; a batch that is booked again replaces its rows.
CREATE TABLE IF NOT EXISTS savings (
  seq UInt64,
  at DateTime64(3, 'UTC'),
  tenant LowCardinality(String),
  account LowCardinality(String),
  swap String,
  replacement Nullable(String),
  onDemandPerHour Int64,
  spotPerHour Int64,
  hourlySavings Int64,
  label LowCardinality(String)
)
ENGINE = ReplacingMergeTree
PARTITION BY toYYYYMM(at)
ORDER BY seq
TTL toDateTime(at) + INTERVAL 7 YEAR
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1;

-- The audit trail: each call that changes something, with its record before and its outcome after.
CREATE OR REPLACE VIEW calls AS
SELECT
  call,
  any(account) AS account,
  max(tenant) AS tenant,
  max(region) AS region,
  max(action) AS action,
  max(saga) AS saga,
  max(step) AS step,
  max(caller) AS caller,
  maxIf(request, name = 'call-begun') AS request,
  maxIf(outcome, name = 'call-ended') AS outcome,
  maxIf(code, name = 'call-ended') AS code,
  countIf(name = 'call-begun') AS begun,
  countIf(name = 'call-ended') AS ended,
  minIf(at, name = 'call-begun') AS begunAt,
  maxIf(at, name = 'call-ended') AS endedAt
FROM (
  SELECT
    at, account, name,
    JSONExtractRaw(body, 'body') AS fact,
    JSONExtractString(fact, 'call') AS call,
    JSONExtractString(fact, 'tenant') AS tenant,
    JSONExtractString(fact, 'region') AS region,
    JSONExtractString(fact, 'action') AS action,
    JSONExtractString(fact, 'saga') AS saga,
    JSONExtractString(fact, 'step') AS step,
    JSONExtractString(fact, 'by') AS caller,
    JSONExtractString(fact, 'request') AS request,
    JSONExtractString(fact, 'outcome') AS outcome,
    JSONExtractString(fact, 'code') AS code
  FROM events
  WHERE name IN ('call-begun', 'call-ended') AND kind = 'evt'
)
GROUP BY call;

-- Every validation of the safety enforcer, whichever way it went.
CREATE OR REPLACE VIEW validations AS
SELECT
  seq, at, account, about,
  JSONExtractString(body, 'body', 'tenant') AS tenant,
  JSONExtractString(body, 'body', 'region') AS region,
  JSONExtractString(body, 'body', 'group') AS group_name,
  JSONExtractString(body, 'body', 'proposal') AS proposal,
  transform(name, ['plan-approved', 'safe-alternative-found'], ['approved', 'safe-alternative'], 'rejected') AS action,
  JSONLength(body, 'body', 'violations') AS violations,
  JSONExtractArrayRaw(body, 'body', 'violations') AS violation_list,
  JSONExtractString(body, 'body', 'because') AS because,
  JSONExtractString(body, 'body', 'details') AS details
FROM events
WHERE name IN ('plan-approved', 'safe-alternative-found', 'proposal-rejected') AND owner = 'safety-enforcer';

-- The journal of every saga: who did which step when, and what became of it.
CREATE OR REPLACE VIEW journal AS
SELECT
  seq, at, account, subject,
  name AS saga,
  JSONExtractString(body, 'body', 'id') AS id,
  JSONExtractUInt(body, 'body', 'n') AS n,
  JSONExtractString(body, 'body', 'phase') AS phase,
  JSONExtractString(body, 'body', 'step') AS step,
  JSONExtractUInt(body, 'body', 'attempt') AS attempt,
  JSONExtractString(body, 'body', 'way') AS way,
  JSONExtractBool(body, 'body', 'committed') AS committed,
  JSONExtractString(body, 'body', 'by') AS holder,
  JSONExtractUInt(body, 'body', 'epoch') AS epoch,
  JSONExtractString(body, 'body', 'code') AS code,
  JSONExtractString(body, 'body', 'reason') AS reason,
  JSONExtractString(body, 'body', 'prev') AS prev
FROM events
WHERE kind = 'jrn';
