"""Made-up orders: the same ones in each process that asks."""
import random


def rows(count, notes):
    """Takes notes: what the column note may hold."""
    chance = random.Random(7)
    for number in range(1, count + 1):
        yield {"id": number, "customer": "customer %d" % (number % 97),
               "amount": round(chance.randrange(0, 10 ** 7) / 100, 2),
               "sold_at": "2026-%02d-%02dT%02d:%02d:00Z" % (
                   chance.randrange(1, 13), chance.randrange(1, 29), chance.randrange(24),
                   chance.randrange(60)),
               "paid": chance.random() < 0.5, "qty": chance.randrange(0, 1001),
               "due": "2026-%02d-%02d" % (chance.randrange(1, 13), chance.randrange(1, 29)),
               "note": chance.choice(notes)}
