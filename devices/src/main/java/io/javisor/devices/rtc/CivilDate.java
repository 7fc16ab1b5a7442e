package io.javisor.devices.rtc;

/**
 * The proleptic Gregorian calendar in plain arithmetic: {@code java.time} would make objects on the exit path. Years are counted from
 * March, so that the leap day is a year's last.
 */
final class CivilDate {
    private static final int DAYS_PER_400_YEARS = 146_097;

    /** From 1 March of year 0 to 1 January 1970. */
    private static final int EPOCH_DAY = 719_468;

    private CivilDate() {}

    /**
     * Days since 1 January 1970.
     *
     * @param month 1 to 12
     * @param day of the month; past its end, the next month's
     */
    static long epochDay(long year, int month, int day) {
        long marchYear = month > 2 ? year : year - 1;
        int marchMonth = (month + 9) % 12;
        long era = Math.floorDiv(marchYear, 400L);
        long yearOfEra = marchYear - era * 400;
        return era * DAYS_PER_400_YEARS
                + yearOfEra * 365
                + yearOfEra / 4
                - yearOfEra / 100
                + daysBefore(marchMonth)
                + day
                - 1
                - EPOCH_DAY;
    }

    static long year(long epochDay) {
        long days = epochDay + EPOCH_DAY;
        long era = Math.floorDiv(days, (long) DAYS_PER_400_YEARS);
        int dayOfEra = (int) (days - era * DAYS_PER_400_YEARS);
        int yearOfEra = yearOfEra(dayOfEra);
        boolean nextYear = dayOfYear(dayOfEra, yearOfEra) >= daysBefore(10);
        return era * 400 + yearOfEra + (nextYear ? 1 : 0);
    }

    /** 1 to 12. */
    static int month(long epochDay) {
        return (marchMonth(marchDayOfYear(epochDay)) + 2) % 12 + 1;
    }

    /** 1 to 31. */
    static int dayOfMonth(long epochDay) {
        int dayOfYear = marchDayOfYear(epochDay);
        return dayOfYear - daysBefore(marchMonth(dayOfYear)) + 1;
    }

    /** 0 to 6, 0 is Sunday. */
    static int dayOfWeek(long epochDay) {
        return (int) Math.floorMod(epochDay + 4, 7L);
    }

    private static int marchDayOfYear(long epochDay) {
        int dayOfEra = (int) Math.floorMod(epochDay + EPOCH_DAY, (long) DAYS_PER_400_YEARS);
        return dayOfYear(dayOfEra, yearOfEra(dayOfEra));
    }

    /** The leap days before {@code dayOfEra} taken away, years have 365 days. */
    private static int yearOfEra(int dayOfEra) {
        return (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / (DAYS_PER_400_YEARS - 1)) / 365;
    }

    private static int dayOfYear(int dayOfEra, int yearOfEra) {
        return dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    }

    /** From March on, five months have 153 days. */
    private static int daysBefore(int marchMonth) {
        return (153 * marchMonth + 2) / 5;
    }

    private static int marchMonth(int dayOfYear) {
        return (5 * dayOfYear + 2) / 153;
    }
}
