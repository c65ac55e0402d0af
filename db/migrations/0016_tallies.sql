CREATE TABLE "annotation_tallies" (
	"layer_id" text NOT NULL,
	"key" uuid GENERATED ALWAYS AS (md5("class_id" || '/' || "under"::text || '/' || "shape" || '/' || "created_by" || '/' || "attributes"::text)::uuid) STORED NOT NULL,
	"class_id" text NOT NULL,
	"under" integer NOT NULL,
	"shape" text NOT NULL,
	"created_by" text NOT NULL,
	"attributes" jsonb NOT NULL,
	"count" integer NOT NULL,
	"area_units" bigint NOT NULL,
	CONSTRAINT "annotation_tallies_layer_id_key_pk" PRIMARY KEY("layer_id","key")
);
--> statement-breakpoint
DROP INDEX "annotations_standing";--> statement-breakpoint
ALTER TABLE "annotation_tallies" ADD CONSTRAINT "annotation_tallies_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "annotations_standing" ON "annotations" USING btree ("layer_id","class_id","under","shape","created_by","area_px");--> statement-breakpoint
INSERT INTO "annotation_tallies" ("layer_id", "class_id", "under", "shape", "created_by", "attributes", "count", "area_units")
SELECT "layer_id", "class_id", "under", "shape", "created_by", "attributes", count(*), sum(round("area_px" * 8192)::bigint)
FROM "annotations" GROUP BY 1, 2, 3, 4, 5, 6;
