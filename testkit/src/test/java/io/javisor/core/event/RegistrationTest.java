package io.javisor.core.event;

import static io.javisor.core.host.HostConstants.EPOLLIN;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.javisor.testkit.Await;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of a registration, against events that are on their way. */
class RegistrationTest {
    private final EventLoop loop = EventLoop.start("registration-test/io-loop");
    private final EventFd eventFd = EventFd.create("doorbell");

    @AfterEach
    void close() {
        loop.close();
        eventFd.close();
    }

    @Test
    void aRegistrationOutlivesItsLoopWithoutHarm() {
        Registration registration = loop.register(eventFd.fd(), EPOLLIN, events -> {});
        loop.close();
        assertThrows(IllegalStateException.class, () -> registration.modify(0));
        registration.close();
        registration.close();
    }

    @Test
    void closeOfARegistrationWaitsForItsHandler() {
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicBoolean returned = new AtomicBoolean();
        Registration registration = loop.register(eventFd.fd(), EPOLLIN, events -> {
            running.countDown();
            Await.latch(release);
            returned.set(true);
        });
        eventFd.signal();
        Await.latch(running);
        AtomicBoolean closedBeforeReturn = new AtomicBoolean();
        CountDownLatch closed = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) { // the second closer waits too
            Thread.ofPlatform().start(() -> {
                registration.close();
                if (!returned.get()) {
                    closedBeforeReturn.set(true);
                }
                closed.countDown();
            });
        }
        Await.sleep(20);
        assertEquals(2, closed.getCount());
        release.countDown();
        Await.latch(closed);
        assertFalse(closedBeforeReturn.get());
    }

    @Test
    void aHandlerMayCloseItself() {
        AtomicInteger runs = new AtomicInteger();
        Registration[] self = new Registration[1];
        self[0] = loop.register(eventFd.fd(), EPOLLIN, events -> {
            runs.incrementAndGet();
            self[0].close();
            self[0].close();
        });
        eventFd.signal();
        Await.until(() -> runs.get() == 1);
        Await.idle(loop);
        assertEquals(1, runs.get());
        self[0].close(); // from outside, afterwards
        assertEquals(0, loop.failureCount());
    }

    @Test
    void aHandlerThatIsClosedByAnotherOfTheSameRoundDoesNotRun() {
        for (int round = 0; round < 50; round++) {
            try (EventFd first = EventFd.create("first");
                    EventFd second = EventFd.create("second")) {
                AtomicInteger runs = new AtomicInteger();
                Registration[] both = new Registration[2];
                loop.execute(
                        () -> { // both are ready when the loop looks next
                            both[0] = loop.register(first.fd(), EPOLLIN, events -> {
                                runs.incrementAndGet();
                                both[0].close();
                                both[1].close();
                            });
                            both[1] = loop.register(second.fd(), EPOLLIN, events -> {
                                runs.incrementAndGet();
                                both[0].close();
                                both[1].close();
                            });
                            first.signal();
                            second.signal();
                        });
                Await.until(() -> runs.get() > 0);
                Await.idle(loop);
                assertEquals(1, runs.get());
            }
        }
    }

    @Test
    void aClosedRegistrationThatTheLoopHasAlreadyLookedUpDoesNotRun() {
        AtomicInteger runs = new AtomicInteger();
        Registration registration = loop.register(eventFd.fd(), EPOLLIN, events -> runs.incrementAndGet());
        registration.run(EPOLLIN);
        assertEquals(1, runs.get());
        registration.close();
        registration.run(EPOLLIN);
        assertEquals(1, runs.get());
    }

    @Test
    void anEventOfAnEarlierRegistrationDoesNotReachALaterOneInItsPlace() {
        try (EventFd first = EventFd.create("first");
                EventFd second = EventFd.create("second");
                EventFd third = EventFd.create("third")) {
            AtomicInteger wrong = new AtomicInteger();
            CountDownLatch ran = new CountDownLatch(1);
            Registration[] both = new Registration[2];
            EventHandler replace = events -> {
                both[0].close();
                both[1].close();
                // One of the two slots has an event waiting in this round; neither of these is ready.
                Registration a = loop.register(third.fd(), EPOLLIN, e -> wrong.incrementAndGet());
                Registration b = loop.register(eventFd.fd(), EPOLLIN, e -> wrong.incrementAndGet());
                if (a.slot() != both[0].slot() || b.slot() != both[1].slot()) {
                    wrong.incrementAndGet();
                }
                ran.countDown();
            };
            loop.execute(() -> {
                both[0] = loop.register(first.fd(), EPOLLIN, replace);
                both[1] = loop.register(second.fd(), EPOLLIN, replace);
                first.signal();
                second.signal();
            });
            Await.latch(ran);
            Await.idle(loop);
            assertEquals(0, wrong.get());
            loop.close();
        }
    }

    @Test
    void noHandlerRunsAfterCloseWhateverTheRace() {
        for (int round = 0; round < 500; round++) {
            try (EventFd bell = EventFd.create("bell")) {
                AtomicBoolean closed = new AtomicBoolean();
                AtomicInteger late = new AtomicInteger();
                Registration registration = loop.register(bell.fd(), EPOLLIN, events -> {
                    if (closed.get()) {
                        late.incrementAndGet();
                    }
                });
                bell.signal();
                for (int spin = 0; spin < round % 300; spin++) {
                    Thread.onSpinWait();
                }
                registration.close();
                closed.set(true);
                assertEquals(0, late.get());
                Await.idle(loop);
                assertEquals(0, late.get());
            }
        }
        assertEquals(0, loop.failureCount());
    }
}
