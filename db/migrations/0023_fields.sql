CREATE TABLE "outline_fields" (
	"layer_id" text NOT NULL,
	"annotation_id" text NOT NULL,
	"side_px" double precision NOT NULL,
	"content_hash" text NOT NULL,
	"fields" integer NOT NULL,
	"at_most" integer NOT NULL,
	CONSTRAINT "outline_fields_layer_id_annotation_id_side_px_pk" PRIMARY KEY("layer_id","annotation_id","side_px")
);
--> statement-breakpoint
ALTER TABLE "reference_items" ALTER COLUMN "under" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "reference_items" ADD COLUMN "draft_class_id" text;--> statement-breakpoint
ALTER TABLE "reference_items" ADD COLUMN "draft_meaning" text;--> statement-breakpoint
ALTER TABLE "outline_fields" ADD CONSTRAINT "outline_fields_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
-- What was said of references by a draft was bound to the number that it was expected to get.
UPDATE "reference_items" r SET "under" = NULL,
	"draft_class_id" = (SELECT r."class_id" FROM "guideline_drafts" d WHERE d."project_id" = r."project_id")
	WHERE r."under" > coalesce((SELECT max(v."number") FROM "guideline_versions" v WHERE v."project_id" = r."project_id"), 0);
