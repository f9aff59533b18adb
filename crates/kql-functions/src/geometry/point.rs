//! Points of the unit sphere.

use std::ops::{Add, Mul, Neg, Sub};

/// A vector; of unit length where it is a point of the sphere.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd)]
pub struct Point {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) z: f64,
}

impl Point {
    pub(crate) const fn new(x: f64, y: f64, z: f64) -> Self {
        Point { x, y, z }
    }

    /// The point of a longitude and latitude in degrees; `None` where they are out of range.
    pub fn checked(longitude: f64, latitude: f64) -> Option<Self> {
        (longitude.abs() <= 180.0 && latitude.abs() <= 90.0).then(|| Self::from_degrees(longitude, latitude))
    }

    /// The point of a longitude and latitude in degrees.
    pub(crate) fn from_degrees(longitude: f64, latitude: f64) -> Self {
        let radians = |degrees: f64| std::f64::consts::PI / 180.0 * degrees;
        let (theta, phi) = (radians(longitude), radians(latitude));
        Point { x: theta.cos() * phi.cos(), y: theta.sin() * phi.cos(), z: phi.sin() }
    }

    /// Longitude and latitude in degrees.
    pub(crate) fn degrees(self) -> (f64, f64) {
        let degrees = |radians: f64| 180.0 / std::f64::consts::PI * radians;
        let longitude = self.y.atan2(self.x);
        let latitude = self.z.atan2((self.x * self.x + self.y * self.y).sqrt());
        (degrees(longitude), degrees(latitude))
    }

    pub(crate) fn dot(self, other: Self) -> f64 {
        self.x * other.x + self.y * other.y + self.z * other.z
    }

    pub(crate) fn cross(self, other: Self) -> Self {
        Point {
            x: self.y * other.z - self.z * other.y,
            y: self.z * other.x - self.x * other.z,
            z: self.x * other.y - self.y * other.x,
        }
    }

    /// Twice the cross product, accurate also for points that are close together.
    pub(crate) fn stable_cross(self, other: Self) -> Self {
        (self - other).cross(self + other)
    }

    pub(crate) fn norm(self) -> f64 {
        self.dot(self).sqrt()
    }

    /// The vector in this direction of length one; zero stays zero.
    pub(crate) fn unit(self) -> Self {
        let norm = self.norm();
        if norm == 0.0 { self } else { self * (1.0 / norm) }
    }

    /// The angle between two vectors in radians, accurate for small and large ones.
    pub fn angle(self, other: Self) -> f64 {
        self.cross(other).norm().atan2(self.dot(other))
    }

    /// Whether two points lie on opposite sides of the sphere, so that no one edge joins them.
    pub(crate) fn is_opposite(self, other: Self) -> bool {
        (self + other).norm() < 1e-15
    }

    pub(crate) fn parts(self) -> [f64; 3] {
        [self.x, self.y, self.z]
    }

    /// A direction at a right angle, the same for each point as in S2.
    pub(crate) fn reference_direction(self) -> Self {
        let [x, y, z] = self.parts().map(f64::abs);
        let largest = if x > y {
            if x > z { 0 } else { 2 }
        } else if y > z {
            1
        } else {
            2
        };
        let mut other = [0.012, 0.0053, 0.00457];
        other[(largest + 2) % 3] = 1.0;
        self.cross(Point::new(other[0], other[1], other[2])).unit()
    }
}

impl Add for Point {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Point::new(self.x + other.x, self.y + other.y, self.z + other.z)
    }
}

impl Sub for Point {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Point::new(self.x - other.x, self.y - other.y, self.z - other.z)
    }
}

impl Mul<f64> for Point {
    type Output = Self;

    fn mul(self, factor: f64) -> Self {
        Point::new(self.x * factor, self.y * factor, self.z * factor)
    }
}

impl Neg for Point {
    type Output = Self;

    fn neg(self) -> Self {
        self * -1.0
    }
}
