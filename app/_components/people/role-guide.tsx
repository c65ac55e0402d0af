import { Card } from "#app/_components/ui/card.tsx";
import { ROLE_LABELS, ROLES } from "#domain/permissions.ts";
import { ROLE_WORDS } from "./role-words.ts";

export function RoleGuide() {
  return (
    <Card title="What each role does">
      <dl className="grid grid-cols-1 gap-x-8 gap-y-3 md:grid-cols-2">
        {ROLES.map((role) => (
          <div key={role}>
            <dt className="font-medium">{ROLE_LABELS[role]}</dt>
            <dd className="text-muted">{ROLE_WORDS[role]}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
