"""The model's devices with what shipped laptops do where the model is simpler. Part of record-worlds."""


def make(model, world, ticks):
    class Laptop(model.Device):
        """The model's device, with what shipped laptops do where the model is simpler:

        - a group for each record, as commands make it; an edit joins the newest group where that waits and is of its record, a
          delete or restore never;
        - each reply brings the rows that are new, not only the last one of a sync;
        - what is held stays over the rows until it is accepted, so later edits have seen it;
        - a deleted record is not edited, and only what is deleted is restored: other edits are left out;
        - the clock is not set back below what waits;
        - a clock that is wrong by more than is tolerated stays so and is corrected by its error: in the model it is right.
        """

        error = property(lambda self: self.clock if abs(self.clock) * ticks <= model.FUTURE else 0,
                         lambda self, error: None)
        outbox = property(lambda self: self.waiting, lambda self, rest: self.answered(rest))
        cursor = property(lambda self: self.place, lambda self, place: self.fetched(place))

        def __init__(self, number, error):
            self.clock, self.waiting, self.held, self.place, self.step = error, [], [], 0, None
            self.open, self.deletes, self.pulls, self.before = {}, {}, 0, 0
            super().__init__(number, error)
            world.devices.append(self)

        def own(self, key):
            """The newest own group with a value for the key that the rows do not have yet."""
            return next(((n, group[key]) for n, group in reversed(self.held + self.waiting) if key in group), None)

        def view(self, key):
            own = self.own(key)
            return own[1][0] if own else self.rows.get(key, (None, None))[0]

        def base(self, key):
            own = self.own(key)
            return ("own", own[0]) if own else self.rows.get(key, (None, None))[1]

        def write(self, true, values, keys_seen=()):
            (key, value), = values.items()
            record, is_field = key[0], key[1] != model.EXISTS
            if not self.offers(key, value):
                world.left_out += 1
                return
            number = self.open.get(record) if is_field else None
            if number is None or number != self.next - 1:
                number, self.next = self.next, self.next + 1
                self.waiting.append((number, {}))
            group = dict(self.waiting)[number]
            self.draft = group
            super().write(true * ticks + self.error * (ticks - 1), values, keys_seen)
            self.draft, self.open[record] = {}, number if is_field else None
            if not is_field:
                self.deletes[record] = self.pulls
            step = ["write", self.number, true, *world.word(key, value), 0, number]
            world.steps.append(step)
            world.groups[self.number, number] = step

        def offers(self, key, value):
            """Whether a program offers such an edit."""
            record, shown = key[0], self.view((key[0], model.EXISTS))
            if shown is None or shown[1]:
                return key[1] != model.EXISTS or not value[1]
            if key[1] != model.EXISTS:
                return False
            groups = [group for _, group in self.held + self.waiting if any(k[0] == record for k in group)]
            if groups:                                       # it saw everything where nothing has come since
                return (record, model.EXISTS) in groups[-1] and self.deletes.get(record) == self.pulls
            seen = self.rows[record, model.EXISTS][0][2]
            return all(world.server.saw(k, seen.get(k), stamp) for k, (_, stamp) in self.rows.items()
                       if k[0] == record and k[1] != model.EXISTS)

        def freeze(self):
            self.open, self.step = {}, ["sync", self.number, world.now, [], []]
            world.steps.append(self.step)

        def pushed(self, number, group, clock, held):
            self.before = self.highest
            if held == 2:
                world.groups[self.number, number][6] = 1     # the last edit of the group: it gets it held
            self.step[2] = world.now
            self.step[3].append([number, 0])

        def answered(self, rest):
            """A reply came: what it acknowledges, and what is new."""
            taken, self.waiting = [pair for pair in self.waiting if pair not in rest], rest
            if self.step is None:
                return
            self.step[3][-1][1] = 1
            if rest:
                self.highest = self.before
            self.held += [(number, dict(group)) for number, group in taken]
            for key in world.server.feed[self.place:]:
                self.rows[key] = world.server.current[key]
                self.highest = max(self.highest, world.server.current[key][1][0])
            self.fetched(len(world.server.feed))

        def fetched(self, place):
            """All that is new is there: what is in force is a row now, and covers what is held of earlier groups."""
            self.place, self.pulls = place, self.pulls + 1
            for number, group in self.held[:]:
                if (self.number, number) in world.server.names.values():
                    continue
                self.held.remove((number, group))
                for earlier, held in self.held:
                    for key in [key for key in held if earlier < number and key in group]:
                        del held[key]
            if self.step:
                keys = [(record, name) for record in (1, 2, 3) for name in (model.EXISTS, "a", "b")]
                self.step[4] = [world.word(key, self.view(key)) for key in keys if self.view(key)]

    return Laptop
