CREATE TABLE "drift_measures" (
	"key" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"result" jsonb NOT NULL,
	"computed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bridge_readers" (
	"project_id" text NOT NULL,
	"person_id" text NOT NULL,
	CONSTRAINT "bridge_readers_project_id_person_id_pk" PRIMARY KEY("project_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "bridge_regions" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"slide_id" text NOT NULL,
	"name" text NOT NULL,
	"min_x" double precision NOT NULL,
	"min_y" double precision NOT NULL,
	"max_x" double precision NOT NULL,
	"max_y" double precision NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "slide_tissue" (
	"slide_id" text PRIMARY KEY NOT NULL,
	"key" text NOT NULL,
	"cells" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "view_log" (
	"layer_id" text NOT NULL,
	"person_id" text NOT NULL,
	"version" integer NOT NULL,
	"cells" "bytea" NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "view_log_layer_id_person_id_version_pk" PRIMARY KEY("layer_id","person_id","version")
);
--> statement-breakpoint
ALTER TABLE "layers" ADD COLUMN "purpose" text DEFAULT 'work' NOT NULL;--> statement-breakpoint
ALTER TABLE "layers" ADD COLUMN "repeat_of" text;--> statement-breakpoint
ALTER TABLE "rounds" ADD COLUMN "purpose" text DEFAULT 'study' NOT NULL;--> statement-breakpoint
ALTER TABLE "screenings" ADD COLUMN "exhaustive" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "screenings" ADD COLUMN "seen_share" double precision;--> statement-breakpoint
ALTER TABLE "screenings" ADD COLUMN "seen_area_px" double precision;--> statement-breakpoint
ALTER TABLE "screenings" ADD COLUMN "confirmed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "drift_measures" ADD CONSTRAINT "drift_measures_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bridge_readers" ADD CONSTRAINT "bridge_readers_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bridge_readers" ADD CONSTRAINT "bridge_readers_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bridge_regions" ADD CONSTRAINT "bridge_regions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bridge_regions" ADD CONSTRAINT "bridge_regions_slide_id_slides_id_fk" FOREIGN KEY ("slide_id") REFERENCES "public"."slides"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bridge_regions" ADD CONSTRAINT "bridge_regions_created_by_people_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "slide_tissue" ADD CONSTRAINT "slide_tissue_slide_id_slides_id_fk" FOREIGN KEY ("slide_id") REFERENCES "public"."slides"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "view_log" ADD CONSTRAINT "view_log_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "view_log" ADD CONSTRAINT "view_log_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bridge_regions_project" ON "bridge_regions" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "layers_observations" ON "layers" USING btree ("project_id") WHERE "layers"."purpose" <> 'work';