BEGIN TRANSACTION;
CREATE TABLE approvals (
	id VARCHAR NOT NULL, 
	n INTEGER NOT NULL, 
	run VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	body JSON NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(run) REFERENCES runs (id), 
	UNIQUE (n)
);
INSERT INTO "approvals" VALUES('a1',1,'r1','m','pending','{"id": "a1", "run": "r1", "step": "m", "operation": "mail.send", "arguments": {"source": "memory", "to": [{"address": "bo@example.org", "name": ""}], "cc": [], "bcc": [], "subject": "Hello", "body": "See you at ten.", "answers": null, "attachments": [], "calendar": ""}, "origins": {"source": {"trust": "user", "origins": [], "readers": null}, "to": {"trust": "user", "origins": [], "readers": null}, "cc": {"trust": "assistant", "origins": [], "readers": null}, "bcc": {"trust": "assistant", "origins": [], "readers": null}, "subject": {"trust": "user", "origins": [], "readers": null}, "body": {"trust": "user", "origins": [], "readers": null}, "answers": {"trust": "assistant", "origins": [], "readers": null}, "attachments": {"trust": "assistant", "origins": [], "readers": null}, "calendar": {"trust": "assistant", "origins": [], "readers": null}}, "shown": [{"name": "source", "value": "memory", "origin": "you wrote", "trust": "user"}, {"name": "to", "value": "bo@example.org", "origin": "you wrote", "trust": "user"}, {"name": "subject", "value": "Hello", "origin": "you wrote", "trust": "user"}, {"name": "body", "value": "See you at ten.", "origin": "you wrote", "trust": "user"}], "summary": "Send \u201cHello\u201d to bo@example.org, from memory", "reason": "mail cannot be taken back", "undo": "R3", "alternatives": [], "whys": [], "notes": [], "state": "pending", "decision": null, "created": "2026-11-22T08:00:00Z", "expires": "2026-11-29T08:00:00Z", "hash": "e07fea5e01ae27f27ada200479c9a94bc460457f171c45a47feb049b8baaa486"}');
CREATE TABLE counters (
	name VARCHAR NOT NULL, 
	value INTEGER NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "counters" VALUES('run',2);
INSERT INTO "counters" VALUES('approval',1);
CREATE TABLE effects (
	"key" VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	operation VARCHAR NOT NULL, 
	arguments JSON NOT NULL, 
	source VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	receipt JSON, 
	inverse JSON, 
	error TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY ("key")
);
INSERT INTO "effects" VALUES('e4e76bb723a2fec0388db1a23d07b645','r1','a','mail.draft','{"source": "memory", "to": [{"address": "bo@example.org", "name": ""}], "cc": [], "bcc": [], "subject": "Hello", "body": "Hello there.", "answers": null, "attachments": [], "calendar": ""}','memory','done','{"ref": "memory:message:e4e76bb723a2fec0388db1a23d07b645", "version": "2", "detail": {}}','{"operation": "mail.trash", "arguments": {"source": "memory", "ref": "memory:message:e4e76bb723a2fec0388db1a23d07b645"}}','',1795334400000000);
INSERT INTO "effects" VALUES('ebc2d4b67c023f4aade688c4e805ec7a','r2','a','mail.draft','{"source": "memory", "to": [{"address": "bo@example.org", "name": ""}], "cc": [], "bcc": [], "subject": "Hello", "body": "Hello there.", "answers": null, "attachments": [], "calendar": ""}','memory','done','{"ref": "memory:message:ebc2d4b67c023f4aade688c4e805ec7a", "version": "3", "detail": {}}','{"operation": "mail.trash", "arguments": {"source": "memory", "ref": "memory:message:ebc2d4b67c023f4aade688c4e805ec7a"}}','',1795334400000000);
INSERT INTO "effects" VALUES('5d15ee78b6253989b22839c5b29684cf','r2','b','file.create','{"source": "memory", "path": "b.md", "text": "b"}','memory','claimed','null','null','',1795334400000000);
CREATE TABLE events (
	run VARCHAR NOT NULL, 
	seq INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	type VARCHAR NOT NULL, 
	data JSON NOT NULL, 
	PRIMARY KEY (run, seq), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "events" VALUES('r1',1,1795334400000000,'asked for','{"request": "test"}');
INSERT INTO "events" VALUES('r1',2,1795334400000000,'planned','{"objective": "Do it.", "plan": "59db85ca123d2a27e82bc7b7aae5fb5d1b710db464c8618979038be2d448cc78", "steps": ["a", "m"]}');
INSERT INTO "events" VALUES('r1',3,1795334400000000,'weighed','{"step": "a", "outcome": "allow", "rule": "mail.draft"}');
INSERT INTO "events" VALUES('r1',4,1795334400000000,'weighed','{"step": "a", "outcome": "allow", "rule": "mail.draft"}');
INSERT INTO "events" VALUES('r1',5,1795334400000000,'carried out','{"step": "a", "effect": "e4e76bb723a2fec0388db1a23d07b645", "state": "done", "error": ""}');
INSERT INTO "events" VALUES('r1',6,1795334400000000,'step done','{"step": "a"}');
INSERT INTO "events" VALUES('r1',7,1795334400000000,'weighed','{"step": "m", "outcome": "ask", "rule": "mail.send"}');
INSERT INTO "events" VALUES('r1',8,1795334400000000,'asked','{"step": "m", "approval": "a1", "summary": "Send \u201cHello\u201d to bo@example.org, from memory"}');
INSERT INTO "events" VALUES('r2',1,1795334400000000,'asked for','{"request": "test"}');
INSERT INTO "events" VALUES('r2',2,1795334400000000,'planned','{"objective": "Do it.", "plan": "3e221a8e16c0ad73f826993b9faecd5f6e83c9e5fedbce03f3506eb52a184455", "steps": ["waiting", "a", "b", "c"]}');
INSERT INTO "events" VALUES('r2',3,1795334400000000,'step done','{"step": "waiting"}');
INSERT INTO "events" VALUES('r2',4,1795334400000000,'weighed','{"step": "a", "outcome": "allow", "rule": "mail.draft"}');
INSERT INTO "events" VALUES('r2',5,1795334400000000,'weighed','{"step": "a", "outcome": "allow", "rule": "mail.draft"}');
INSERT INTO "events" VALUES('r2',6,1795334400000000,'carried out','{"step": "a", "effect": "ebc2d4b67c023f4aade688c4e805ec7a", "state": "done", "error": ""}');
INSERT INTO "events" VALUES('r2',7,1795334400000000,'step done','{"step": "a"}');
CREATE TABLE runs (
	id VARCHAR NOT NULL, 
	n INTEGER NOT NULL, 
	request TEXT NOT NULL, 
	status VARCHAR NOT NULL, 
	created BIGINT NOT NULL, 
	updated BIGINT NOT NULL, 
	"plan" JSON, 
	plan_hash VARCHAR(64) NOT NULL, 
	answer TEXT NOT NULL, 
	brief JSON, 
	choices JSON NOT NULL, 
	schedule VARCHAR NOT NULL, 
	approve_all BOOLEAN NOT NULL, 
	cancelled BOOLEAN NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (n)
);
INSERT INTO "runs" VALUES('r1',1,'test','waiting',1795334400000000,1795334400000000,'{"schema_version": 2, "request": "test", "objective": "Do it.", "steps": [{"id": "a", "op": "mail.draft", "args": {"source": "memory", "to": [{"address": "bo@example.org", "name": ""}], "subject": "Hello", "body": "Hello there."}, "purpose": "do a"}, {"id": "m", "op": "mail.send", "args": {"to": [{"address": "bo@example.org", "name": ""}], "source": "memory", "subject": "Hello", "body": "See you at ten."}, "needs": ["a"], "purpose": "do m"}]}','59db85ca123d2a27e82bc7b7aae5fb5d1b710db464c8618979038be2d448cc78','',NULL,'[]','',0,0);
INSERT INTO "runs" VALUES('r2',2,'test','running',1795334400000000,1795334400000000,'{"schema_version": 2, "request": "test", "objective": "Do it.", "steps": [{"id": "waiting", "op": "threads.waiting", "purpose": "do waiting"}, {"id": "a", "op": "mail.draft", "args": {"source": "memory", "to": [{"address": "bo@example.org", "name": ""}], "subject": "Hello", "body": "Hello there."}, "needs": ["waiting"], "purpose": "do a"}, {"id": "b", "op": "file.create", "args": {"source": "memory", "path": "b.md", "text": "b"}, "needs": ["a"], "purpose": "do b"}, {"id": "c", "op": "mail.draft", "args": {"source": "memory", "to": [{"address": "bo@example.org", "name": ""}], "subject": "Hello", "body": "Hello there."}, "needs": ["b"], "purpose": "do c"}]}','3e221a8e16c0ad73f826993b9faecd5f6e83c9e5fedbce03f3506eb52a184455','',NULL,'[]','',0,0);
CREATE TABLE runs_revision (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT runs_revision_pkc PRIMARY KEY (version_num)
);
INSERT INTO "runs_revision" VALUES('0002');
CREATE TABLE schedules (
	name VARCHAR NOT NULL, 
	request TEXT NOT NULL, 
	rrule TEXT NOT NULL, 
	first BIGINT NOT NULL, 
	zone VARCHAR NOT NULL, 
	created BIGINT NOT NULL, 
	paused BOOLEAN NOT NULL, 
	looked BIGINT NOT NULL, omits JSON, 
	PRIMARY KEY (name)
);
CREATE TABLE slots (
	schedule VARCHAR NOT NULL, 
	slot VARCHAR NOT NULL, 
	at BIGINT NOT NULL, 
	outcome VARCHAR NOT NULL, 
	run VARCHAR NOT NULL, 
	noted BIGINT NOT NULL, 
	PRIMARY KEY (schedule, slot)
);
CREATE TABLE steps (
	run VARCHAR NOT NULL, 
	step VARCHAR NOT NULL, 
	state VARCHAR NOT NULL, 
	attempts INTEGER NOT NULL, 
	value JSON, 
	labels JSON, 
	brief JSON, 
	error TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (run, step), 
	FOREIGN KEY(run) REFERENCES runs (id)
);
INSERT INTO "steps" VALUES('r1','a','done',1,'{"ref": "memory:message:e4e76bb723a2fec0388db1a23d07b645", "version": "2", "source": "memory", "effect": "e4e76bb723a2fec0388db1a23d07b645", "detail": {}, "said": "Drafted \u201cHello\u201d to bo@example.org, in memory", "anew": []}','{"": {"trust": "metadata", "origins": ["memory"], "readers": []}}','null','',1795334400000000);
INSERT INTO "steps" VALUES('r2','waiting','done',1,'{"count": 0}','{"": {"trust": "untrusted", "origins": [], "readers": []}}','{"title": "Waiting for your answer", "sections": [{"heading": "", "passages": [{"text": "Nothing waits for your answer, as far as the last 60 days show.", "cites": []}]}], "note": ""}','',1795334400000000);
INSERT INTO "steps" VALUES('r2','a','done',1,'{"ref": "memory:message:ebc2d4b67c023f4aade688c4e805ec7a", "version": "3", "source": "memory", "effect": "ebc2d4b67c023f4aade688c4e805ec7a", "detail": {}, "said": "Drafted \u201cHello\u201d to bo@example.org, in memory", "anew": []}','{"": {"trust": "metadata", "origins": ["memory"], "readers": []}}','null','',1795334400000000);
CREATE TABLE told (
	series VARCHAR NOT NULL, 
	ref TEXT NOT NULL, 
	version TEXT NOT NULL, 
	at BIGINT NOT NULL, 
	PRIMARY KEY (series, ref, version)
);
CREATE INDEX ix_effects_run ON effects (run);
CREATE INDEX ix_runs_status ON runs (status);
CREATE INDEX approvals_run ON approvals (run, step);
CREATE INDEX ix_approvals_state ON approvals (state);
COMMIT;
