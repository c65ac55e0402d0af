CREATE TABLE "acknowledgements" (
	"project_id" text NOT NULL,
	"person_id" text NOT NULL,
	"version" integer NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "acknowledgements_project_id_person_id_version_pk" PRIMARY KEY("project_id","person_id","version")
);
--> statement-breakpoint
CREATE TABLE "waivers" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"scope" jsonb NOT NULL,
	"reason" text NOT NULL,
	"approved_by" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"version" integer NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"withdrawn_at" timestamp with time zone,
	"withdrawn_by" text
);
--> statement-breakpoint
DROP INDEX "annotations_project_class";--> statement-breakpoint
ALTER TABLE "guideline_versions" ADD COLUMN "forced" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "annotations" ADD COLUMN "shape" text DEFAULT 'polygon' NOT NULL;--> statement-breakpoint
ALTER TABLE "acknowledgements" ADD CONSTRAINT "acknowledgements_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "acknowledgements" ADD CONSTRAINT "acknowledgements_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waivers" ADD CONSTRAINT "waivers_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waivers" ADD CONSTRAINT "waivers_approved_by_people_id_fk" FOREIGN KEY ("approved_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "waivers" ADD CONSTRAINT "waivers_withdrawn_by_people_id_fk" FOREIGN KEY ("withdrawn_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "waivers_project" ON "waivers" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "annotations_standing" ON "annotations" USING btree ("project_id","class_id","under","layer_id","shape","created_by","slide_id");--> statement-breakpoint
UPDATE "annotations" SET "shape" = CASE
  WHEN "geometry_type" IN ('point', 'line') THEN "geometry_type"
  WHEN ("max_x" - "min_x") * ("max_y" - "min_y") > 0
    AND abs(("max_x" - "min_x") * ("max_y" - "min_y") - "area_px") <= 1e-9 * ("max_x" - "min_x") * ("max_y" - "min_y")
  THEN 'box' ELSE 'polygon' END;
--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "acknowledgements" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
