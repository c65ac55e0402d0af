DROP INDEX "annotations_standing";--> statement-breakpoint
DROP INDEX "task_answers_task";--> statement-breakpoint
CREATE INDEX "task_answers_standing" ON "task_answers" USING btree ("task_id","annotation_id","at") WHERE undone_at is null;--> statement-breakpoint
CREATE INDEX "task_answers_undecided" ON "task_answers" USING btree ("task_id","annotation_id") WHERE undone_at is null and verdict = 'cannot-tell' and class_id is null;--> statement-breakpoint
CREATE INDEX "task_answers_task" ON "task_answers" USING btree ("task_id","person_id","at");--> statement-breakpoint
ALTER TABLE "annotations" ADD COLUMN "said" text DEFAULT '' NOT NULL;--> statement-breakpoint
-- What was said until now, spelled as `db/said.ts` does.
UPDATE "annotations" a SET "said" = told.said FROM (
  SELECT a.layer_id, a.id, coalesce(v.verdicts, '/0') || '/' || coalesce(w.tasks, '') AS said
  FROM "annotations" a
  LEFT JOIN (
    SELECT layer_id, annotation_id, content_hash,
      coalesce(string_agg(DISTINCT version::text, ',' ORDER BY version::text) FILTER (WHERE verdict = 'keep'), '')
        || '/' || coalesce(max(version) FILTER (WHERE verdict = 'cannot-tell'), 0) AS verdicts
    FROM "judgements" WHERE withdrawn_at IS NULL GROUP BY 1, 2, 3
  ) v ON v.layer_id = a.layer_id AND v.annotation_id = a.id AND v.content_hash = a.content_hash
  LEFT JOIN (
    SELECT t.layer_id, x.annotation_id, string_agg(DISTINCT x.task_id, ',' ORDER BY x.task_id) AS tasks
    FROM "task_answers" x JOIN "tasks" t ON t.id = x.task_id WHERE x.undone_at IS NULL GROUP BY 1, 2
  ) w ON w.layer_id = a.layer_id AND w.annotation_id = a.id
  WHERE v.verdicts IS NOT NULL OR w.tasks IS NOT NULL
) told WHERE told.layer_id = a.layer_id AND told.id = a.id;--> statement-breakpoint
CREATE INDEX "annotations_standing" ON "annotations" USING btree ("layer_id","class_id","under","shape","created_by","said","area_px");--> statement-breakpoint
TRUNCATE "annotation_tallies";--> statement-breakpoint
ALTER TABLE "annotation_tallies" drop column "key";--> statement-breakpoint
ALTER TABLE "annotation_tallies" ADD COLUMN "said" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "annotation_tallies" ADD COLUMN "key" uuid GENERATED ALWAYS AS (md5("class_id" || '/' || "under"::text || '/' || "shape" || '/' || "created_by" || '/' || "attributes"::text || '/' || "said")::uuid) STORED NOT NULL;--> statement-breakpoint
ALTER TABLE "annotation_tallies" ADD CONSTRAINT "annotation_tallies_layer_id_key_pk" PRIMARY KEY ("layer_id","key");--> statement-breakpoint
INSERT INTO "annotation_tallies" ("layer_id", "class_id", "under", "shape", "created_by", "attributes", "said", "count", "area_units")
SELECT layer_id, class_id, under, shape, created_by, attributes, said, count(*), sum(round(area_px * 8192)::bigint)
FROM "annotations" GROUP BY 1, 2, 3, 4, 5, 6, 7;
