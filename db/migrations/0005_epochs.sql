CREATE TABLE "layer_epochs" (
	"layer_id" text NOT NULL,
	"epoch" integer NOT NULL,
	"after_seq" bigint NOT NULL,
	"bytes" "bytea" NOT NULL,
	"checksum" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "layer_epochs_layer_id_epoch_pk" PRIMARY KEY("layer_id","epoch")
);
--> statement-breakpoint
ALTER TABLE "layer_clients" ADD COLUMN "epoch" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "layer_snapshots" ADD COLUMN "epoch" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "layer_snapshots" DROP CONSTRAINT "layer_snapshots_pkey";--> statement-breakpoint
ALTER TABLE "layer_snapshots" ADD CONSTRAINT "layer_snapshots_layer_id_epoch_pk" PRIMARY KEY("layer_id","epoch");--> statement-breakpoint
ALTER TABLE "layer_updates" ADD COLUMN "epoch" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "layers" ADD COLUMN "epoch" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "layer_epochs" ADD CONSTRAINT "layer_epochs_layer_id_layers_id_fk" FOREIGN KEY ("layer_id") REFERENCES "public"."layers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "layer_epochs" FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
