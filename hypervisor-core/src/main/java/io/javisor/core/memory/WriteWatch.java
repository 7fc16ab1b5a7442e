package io.javisor.core.memory;

import org.jspecify.annotations.Nullable;

/** What happens after a write: the dirty log, the observer, or both. Immutable. */
final class WriteWatch {
    private final GuestMemory.Region[] regions;
    private final DirtyBitmap @Nullable [] bitmaps;
    private final @Nullable WriteObserver observer;

    private WriteWatch(
            GuestMemory.Region[] regions, DirtyBitmap @Nullable [] bitmaps, @Nullable WriteObserver observer) {
        this.regions = regions;
        this.bitmaps = bitmaps;
        this.observer = observer;
    }

    /** A watch, or null if there is nothing to be done: a write then looks at one field. */
    static @Nullable WriteWatch of(
            GuestMemory.Region[] regions, DirtyBitmap @Nullable [] bitmaps, @Nullable WriteObserver observer) {
        return bitmaps == null && observer == null ? null : new WriteWatch(regions, bitmaps, observer);
    }

    /** A clean bitmap for each region. */
    static DirtyBitmap[] bitmaps(GuestMemory.Region[] regions) {
        DirtyBitmap[] bitmaps = new DirtyBitmap[regions.length];
        for (int i = 0; i < bitmaps.length; i++) {
            bitmaps[i] = new DirtyBitmap(regions[i].segment().byteSize());
        }
        return bitmaps;
    }

    DirtyBitmap @Nullable [] bitmaps() {
        return bitmaps;
    }

    @Nullable
    WriteObserver observer() {
        return observer;
    }

    void written(GuestMemory.Region region, long gpa, long length) {
        if (bitmaps != null) {
            int index = 0;
            while (regions[index].startGpa() != region.startGpa()) {
                index++;
            }
            bitmaps[index].mark(gpa - region.startGpa(), length);
        }
        if (observer != null) {
            observer.written(gpa, length);
        }
    }
}
